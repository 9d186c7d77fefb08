"""The parts of the page Indicators, and the words of indicators wherever they show."""
