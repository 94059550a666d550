"""What `swarm`, `atom` and `tensor-parallel` share: devices, the model, the exchange of gradients, names and files."""
