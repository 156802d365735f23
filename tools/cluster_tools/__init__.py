"""What runs a Kubernetes control plane for the tier `cluster`."""
