"""The demo cities and the facts they are made of."""
