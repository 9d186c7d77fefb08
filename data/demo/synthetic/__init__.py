"""示范市 Demo City: a synthetic city of any size, generated from a seed, with every table filled."""

from data.demo.synthetic.city import CODE_PATTERN, METRIC, NAME, TABLES, DemoCity, generate

__all__ = ["CODE_PATTERN", "METRIC", "NAME", "TABLES", "DemoCity", "generate"]
