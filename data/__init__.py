"""The data layer: models, sessions, the embedded server, readers, writers, demo cities."""
