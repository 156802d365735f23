"""The tools that judge the charts: pinned in go.mod, go.sum and requirements.lock, installed by `install`."""
