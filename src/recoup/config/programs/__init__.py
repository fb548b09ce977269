"""The programs of the product, each started as `python -m recoup.config.programs.<name>`."""
