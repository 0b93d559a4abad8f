"""One module for each kind of document; each turns random data into drawn pages and the questions that they answer."""
