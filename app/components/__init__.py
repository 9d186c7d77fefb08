"""Parts that several pages use: shell, map, tables, charts, figures."""
