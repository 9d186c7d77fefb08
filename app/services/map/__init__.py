"""What the map shows and answers: layers, tiles, figures, selections, walks, prints."""
