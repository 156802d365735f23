"""Charts on a real Kubernetes control plane: admission, controllers, hooks and waits are real, containers are not."""
