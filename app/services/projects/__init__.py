"""Projects: the filtered list, and everything known of one of them."""
