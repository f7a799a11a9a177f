-- The same model as Drizzle's migrator makes it on MariaDB: TIMESTAMP columns, names of its own for keys, no foreign
-- keys on tasks and agents, most indexes never written down, and its bookkeeping.

CREATE TABLE `__drizzle_migrations` (
  id SERIAL PRIMARY KEY,
  hash TEXT NOT NULL,
  created_at BIGINT
);

CREATE TABLE `projects` (
  `id` varchar(36) NOT NULL,
  `name` varchar(255) NOT NULL,
  `description` text,
  `gitea_repo_id` int,
  `gitea_repo_url` varchar(512),
  `gitea_owner` varchar(100),
  `gitea_repo_name` varchar(100),
  `default_branch` varchar(100) DEFAULT 'main',
  `k8s_namespace` varchar(63) NOT NULL,
  `docker_image` varchar(512),
  `env_vars` json,
  `replicas` int DEFAULT 1,
  `cpu_limit` varchar(20) DEFAULT '500m',
  `memory_limit` varchar(20) DEFAULT '512Mi',
  `mcp_tools` json,
  `mcp_permissions` json,
  `status` enum('active','paused','archived') DEFAULT 'active',
  `created_at` timestamp DEFAULT (now()),
  `updated_at` timestamp DEFAULT (now()) ON UPDATE CURRENT_TIMESTAMP,
  CONSTRAINT `projects_id` PRIMARY KEY(`id`),
  CONSTRAINT `projects_k8s_namespace_unique` UNIQUE(`k8s_namespace`)
);

CREATE TABLE `tasks` (
  `id` varchar(36) NOT NULL,
  `project_id` varchar(36) NOT NULL,
  `title` varchar(255) NOT NULL,
  `description` text,
  `priority` enum('low','medium','high','urgent') DEFAULT 'medium',
  `state` enum('backlog','in_progress','needs_input','ready_to_test','approved','staging','production','cancelled')
    DEFAULT 'backlog',
  `assigned_agent_id` varchar(36),
  `assigned_at` timestamp NULL,
  `branch_name` varchar(255),
  `pr_number` int,
  `pr_url` varchar(512),
  `preview_namespace` varchar(63),
  `preview_url` varchar(512),
  `preview_deployed_at` timestamp NULL,
  `estimated_complexity` enum('trivial','simple','medium','complex') DEFAULT 'medium',
  `actual_duration_minutes` int,
  `created_at` timestamp DEFAULT (now()),
  `updated_at` timestamp DEFAULT (now()) ON UPDATE CURRENT_TIMESTAMP,
  `started_at` timestamp NULL,
  `completed_at` timestamp NULL,
  `deployed_staging_at` timestamp NULL,
  `deployed_production_at` timestamp NULL,
  CONSTRAINT `tasks_id` PRIMARY KEY(`id`)
);

CREATE TABLE `task_questions` (
  `id` varchar(36) NOT NULL,
  `task_id` varchar(36) NOT NULL,
  `question` text NOT NULL,
  `context` text,
  `asked_at` timestamp DEFAULT (now()),
  `response` text,
  `responded_at` timestamp NULL,
  `responded_by` varchar(36),
  `status` enum('pending','answered','skipped') DEFAULT 'pending',
  CONSTRAINT `task_questions_id` PRIMARY KEY(`id`)
);

CREATE TABLE `agents` (
  `id` varchar(36) NOT NULL,
  `pod_name` varchar(253) NOT NULL,
  `k8s_namespace` varchar(63) DEFAULT 'agents',
  `node_name` varchar(253),
  `status` enum('idle','busy','error','offline','initializing') DEFAULT 'initializing',
  `current_task_id` varchar(36),
  `capabilities` json,
  `max_concurrent_tasks` int DEFAULT 1,
  `last_heartbeat` timestamp NULL,
  `error_message` text,
  `restarts_count` int DEFAULT 0,
  `tasks_completed` int DEFAULT 0,
  `total_runtime_minutes` int DEFAULT 0,
  `created_at` timestamp DEFAULT (now()),
  `updated_at` timestamp DEFAULT (now()) ON UPDATE CURRENT_TIMESTAMP,
  CONSTRAINT `agents_id` PRIMARY KEY(`id`),
  CONSTRAINT `agents_pod_name_unique` UNIQUE(`pod_name`)
);

CREATE TABLE `task_groups` (
  `id` varchar(36) NOT NULL,
  `project_id` varchar(36) NOT NULL,
  `task_ids` json NOT NULL,
  `staging_branch` varchar(255),
  `staging_pr_number` int,
  `staging_pr_url` varchar(512),
  `staging_deployed_at` timestamp NULL,
  `production_deployed_at` timestamp NULL,
  `production_rollback_available` boolean DEFAULT true,
  `status` enum('pending','staging','production','rolled_back') DEFAULT 'pending',
  `created_by` varchar(36),
  `notes` text,
  `created_at` timestamp DEFAULT (now()),
  `updated_at` timestamp DEFAULT (now()) ON UPDATE CURRENT_TIMESTAMP,
  CONSTRAINT `task_groups_id` PRIMARY KEY(`id`)
);

CREATE TABLE `deployments` (
  `id` varchar(36) NOT NULL,
  `project_id` varchar(36) NOT NULL,
  `task_group_id` varchar(36),
  `environment` enum('preview','staging','production') NOT NULL,
  `deployment_type` enum('manual','automatic','rollback') DEFAULT 'manual',
  `branch` varchar(255),
  `commit_hash` varchar(40),
  `k8s_namespace` varchar(63),
  `k8s_deployment_name` varchar(253),
  `image_tag` varchar(255),
  `status` enum('pending','in_progress','completed','failed','rolled_back') DEFAULT 'pending',
  `url` varchar(512),
  `error_message` text,
  `logs` text,
  `started_at` timestamp NULL,
  `completed_at` timestamp NULL,
  `duration_seconds` int,
  `triggered_by` varchar(36),
  `created_at` timestamp DEFAULT (now()),
  CONSTRAINT `deployments_id` PRIMARY KEY(`id`)
);

CREATE TABLE `agent_logs` (
  `id` bigint AUTO_INCREMENT NOT NULL,
  `agent_id` varchar(36) NOT NULL,
  `task_id` varchar(36),
  `level` enum('debug','info','warn','error') DEFAULT 'info',
  `message` text NOT NULL,
  `metadata` json,
  `created_at` timestamp DEFAULT (now()),
  CONSTRAINT `agent_logs_id` PRIMARY KEY(`id`)
);

ALTER TABLE `task_questions` ADD CONSTRAINT `task_questions_task_id_tasks_id_fk`
  FOREIGN KEY (`task_id`) REFERENCES `tasks`(`id`) ON DELETE cascade ON UPDATE no action;
ALTER TABLE `deployments` ADD CONSTRAINT `deployments_task_group_id_task_groups_id_fk`
  FOREIGN KEY (`task_group_id`) REFERENCES `task_groups`(`id`) ON DELETE no action ON UPDATE no action;
ALTER TABLE `agent_logs` ADD CONSTRAINT `agent_logs_agent_id_agents_id_fk`
  FOREIGN KEY (`agent_id`) REFERENCES `agents`(`id`) ON DELETE cascade ON UPDATE no action;
CREATE INDEX `idx_status` ON `projects` (`status`);
CREATE INDEX `idx_project_state` ON `tasks` (`project_id`,`state`);
CREATE INDEX `idx_level` ON `agent_logs` (`level`);

INSERT INTO `__drizzle_migrations` (hash, created_at) VALUES ('5f2c', 1772000000000);

-- Written by a session of Madrid's zone: 10:00 there in winter is 09:00 UTC.
SET time_zone = '+01:00';

INSERT INTO projects (id, name, k8s_namespace, mcp_permissions, created_at, updated_at) VALUES
  ('11111111-1111-4111-8111-111111111111', 'Shop', 'shop', '{"createTask": true}',
   '2026-01-10 10:00:00', '2026-01-11 10:00:00'),
  ('22222222-2222-4222-8222-222222222222', '東京', 'tokyo', NULL, '2026-01-10 11:00:00', '2026-01-10 11:00:00');

INSERT INTO tasks (id, project_id, title, state, priority, created_at, updated_at) VALUES
  ('44444444-4444-4444-8444-444444444444', '11111111-1111-4111-8111-111111111111', 'Cart', 'backlog', NULL,
   '2026-01-12 10:00:00', '2026-01-13 10:00:00'),
  ('55555555-5555-4555-8555-555555555555', '22222222-2222-4222-8222-222222222222', 'Pay', 'ready_to_test', 'high',
   '2026-01-12 11:00:00', '2026-01-13 11:00:00');

INSERT INTO agents (id, pod_name, status, current_task_id, last_heartbeat, created_at, updated_at) VALUES
  ('33333333-3333-4333-8333-333333333333', 'agent-0', 'busy', '99999999-9999-4999-8999-999999999999',
   '2026-01-14 10:00:00', '2026-01-10 10:00:00', '2026-01-14 10:00:00');

INSERT INTO agent_logs (agent_id, task_id, message, created_at) VALUES
  ('33333333-3333-4333-8333-333333333333', '44444444-4444-4444-8444-444444444444', 'Hello', '2026-01-14 10:00:00');

SET time_zone = DEFAULT;
