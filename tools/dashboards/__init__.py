"""The boards of Grafana as values: `make dashboards` writes them as JSON into deploy/grafana/dashboards.

`python -m tools.dashboards --help` names the lists of a city that its names are taken from. Each board is a module of
its own; what they share: `query` (PromQL), `panel` and `table` (how a question is shown), `palette` (what a colour
means), `naming` (words for codes), `variable` and `link` (choosing and going on), `board` (the whole).
"""
