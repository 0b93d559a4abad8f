"""A rendered page is set upright.

`upright` leads: `ink_mask` says where ink is and whether there is any, `quarter_turn` detects turns of 90 degrees,
`skew` detects the rest.
"""
