"""The tab that reads pages.

`read_tab` puts it together: `file_picker` takes files, `read_task` reads them, `page_list` lists the pages;
`file_routes` are the paths for uploads, corrections, pictures and downloads.
"""
