"""Projects, tasks, questions, agents, groups, deployments and their pipelines. Sees the outside only through ports."""
