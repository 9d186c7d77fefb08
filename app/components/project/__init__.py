"""What is shown of one project, on its page and in the panel of the map."""
