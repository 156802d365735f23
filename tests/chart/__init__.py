"""What operators install beside the nodes: rules and alerts, later charts."""
