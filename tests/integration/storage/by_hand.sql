-- The coding half as somebody made it by hand on MariaDB from the model, with work on the board.

CREATE TABLE projects (
  id VARCHAR(36) PRIMARY KEY,
  name VARCHAR(255) NOT NULL,
  description TEXT,
  gitea_repo_id INT,
  gitea_repo_url VARCHAR(512),
  gitea_owner VARCHAR(100),
  gitea_repo_name VARCHAR(100),
  default_branch VARCHAR(100) DEFAULT 'main',
  k8s_namespace VARCHAR(63) NOT NULL UNIQUE,
  docker_image VARCHAR(512),
  env_vars JSON,
  replicas INT DEFAULT 1,
  cpu_limit VARCHAR(20) DEFAULT '500m',
  memory_limit VARCHAR(20) DEFAULT '512Mi',
  mcp_tools JSON,
  mcp_permissions JSON,
  status ENUM('active', 'paused', 'archived') DEFAULT 'active',
  created_at DATETIME(6) DEFAULT CURRENT_TIMESTAMP(6),
  updated_at DATETIME(6) DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6),
  INDEX idx_status (status),
  INDEX idx_k8s_namespace (k8s_namespace)
);

CREATE TABLE agents (
  id VARCHAR(36) PRIMARY KEY,
  pod_name VARCHAR(253) NOT NULL UNIQUE,
  k8s_namespace VARCHAR(63) DEFAULT 'agents',
  node_name VARCHAR(253),
  status ENUM('idle', 'busy', 'error', 'offline', 'initializing') DEFAULT 'initializing',
  current_task_id VARCHAR(36),
  capabilities JSON,
  max_concurrent_tasks INT DEFAULT 1,
  last_heartbeat DATETIME(6),
  error_message TEXT,
  restarts_count INT DEFAULT 0,
  tasks_completed INT DEFAULT 0,
  total_runtime_minutes INT DEFAULT 0,
  created_at DATETIME(6) DEFAULT CURRENT_TIMESTAMP(6),
  updated_at DATETIME(6) DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6),
  INDEX idx_status (status),
  INDEX idx_pod_name (pod_name),
  INDEX idx_agents_available (status, last_heartbeat),
  INDEX idx_last_heartbeat (last_heartbeat)
);

CREATE TABLE tasks (
  id VARCHAR(36) PRIMARY KEY,
  project_id VARCHAR(36) NOT NULL,
  title VARCHAR(255) NOT NULL,
  description TEXT,
  priority ENUM('low', 'medium', 'high', 'urgent') DEFAULT 'medium',
  state ENUM('backlog', 'in_progress', 'needs_input', 'ready_to_test', 'approved', 'staging', 'production',
             'cancelled') DEFAULT 'backlog',
  assigned_agent_id VARCHAR(36),
  assigned_at DATETIME(6),
  branch_name VARCHAR(255),
  pr_number INT,
  pr_url VARCHAR(512),
  preview_namespace VARCHAR(63),
  preview_url VARCHAR(512),
  preview_deployed_at DATETIME(6),
  estimated_complexity ENUM('trivial', 'simple', 'medium', 'complex') DEFAULT 'medium',
  actual_duration_minutes INT,
  created_at DATETIME(6) DEFAULT CURRENT_TIMESTAMP(6),
  updated_at DATETIME(6) DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6),
  started_at DATETIME(6),
  completed_at DATETIME(6),
  deployed_staging_at DATETIME(6),
  deployed_production_at DATETIME(6),
  FOREIGN KEY (project_id) REFERENCES projects (id) ON DELETE CASCADE,
  FOREIGN KEY (assigned_agent_id) REFERENCES agents (id) ON DELETE SET NULL,
  INDEX idx_project_state (project_id, state),
  INDEX idx_state (state),
  INDEX idx_assigned_agent (assigned_agent_id),
  INDEX idx_tasks_project_state (project_id, state, created_at),
  INDEX idx_created_at (created_at)
);

ALTER TABLE agents ADD FOREIGN KEY (current_task_id) REFERENCES tasks (id) ON DELETE SET NULL;

CREATE TABLE task_questions (
  id VARCHAR(36) PRIMARY KEY,
  task_id VARCHAR(36) NOT NULL,
  question TEXT NOT NULL,
  context TEXT,
  asked_at DATETIME(6) DEFAULT CURRENT_TIMESTAMP(6),
  response TEXT,
  responded_at DATETIME(6),
  responded_by VARCHAR(36),
  status ENUM('pending', 'answered', 'skipped') DEFAULT 'pending',
  FOREIGN KEY (task_id) REFERENCES tasks (id) ON DELETE CASCADE,
  INDEX idx_task_status (task_id, status),
  INDEX idx_status (status)
);

CREATE TABLE task_groups (
  id VARCHAR(36) PRIMARY KEY,
  project_id VARCHAR(36) NOT NULL,
  task_ids JSON NOT NULL,
  staging_branch VARCHAR(255),
  staging_pr_number INT,
  staging_pr_url VARCHAR(512),
  staging_deployed_at DATETIME(6),
  production_deployed_at DATETIME(6),
  production_rollback_available BOOLEAN DEFAULT TRUE,
  status ENUM('pending', 'staging', 'production', 'rolled_back') DEFAULT 'pending',
  created_by VARCHAR(36),
  notes TEXT,
  created_at DATETIME(6) DEFAULT CURRENT_TIMESTAMP(6),
  updated_at DATETIME(6) DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6),
  FOREIGN KEY (project_id) REFERENCES projects (id) ON DELETE CASCADE,
  INDEX idx_project_status (project_id, status),
  INDEX idx_status (status)
);

CREATE TABLE deployments (
  id VARCHAR(36) PRIMARY KEY,
  project_id VARCHAR(36) NOT NULL,
  task_group_id VARCHAR(36),
  environment ENUM('preview', 'staging', 'production') NOT NULL,
  deployment_type ENUM('manual', 'automatic', 'rollback') DEFAULT 'manual',
  branch VARCHAR(255),
  commit_hash VARCHAR(40),
  k8s_namespace VARCHAR(63),
  k8s_deployment_name VARCHAR(253),
  image_tag VARCHAR(255),
  status ENUM('pending', 'in_progress', 'completed', 'failed', 'rolled_back') DEFAULT 'pending',
  url VARCHAR(512),
  error_message TEXT,
  logs TEXT,
  started_at DATETIME(6),
  completed_at DATETIME(6),
  duration_seconds INT,
  triggered_by VARCHAR(36),
  created_at DATETIME(6) DEFAULT CURRENT_TIMESTAMP(6),
  FOREIGN KEY (project_id) REFERENCES projects (id) ON DELETE CASCADE,
  FOREIGN KEY (task_group_id) REFERENCES task_groups (id) ON DELETE SET NULL,
  INDEX idx_project_env (project_id, environment),
  INDEX idx_status (status),
  INDEX idx_created_at (created_at)
);

CREATE TABLE agent_logs (
  id BIGINT AUTO_INCREMENT,
  agent_id VARCHAR(36) NOT NULL,
  task_id VARCHAR(36),
  level ENUM('debug', 'info', 'warn', 'error') DEFAULT 'info',
  message TEXT NOT NULL,
  metadata JSON,
  created_at DATETIME(6) DEFAULT CURRENT_TIMESTAMP(6),
  PRIMARY KEY (id, created_at),
  INDEX idx_agent_created (agent_id, created_at),
  INDEX idx_agent_logs_recent (agent_id, created_at DESC),
  INDEX idx_task_created (task_id, created_at),
  INDEX idx_level (level)
) PARTITION BY RANGE (TO_DAYS(created_at)) (
  PARTITION p202603 VALUES LESS THAN (TO_DAYS('2026-04-01')),
  PARTITION p_future VALUES LESS THAN MAXVALUE
);

INSERT INTO projects (id, name, k8s_namespace, gitea_repo_url, replicas, env_vars, created_at, updated_at) VALUES
  ('11111111-1111-4111-8111-111111111111', 'Tienda en línea', 'tienda', 'https://git.example/acme/tienda', 2,
   '{"MODE": "prod"}', '2026-03-01 10:00:00.000001', '2026-03-02 11:00:00.000002'),
  ('22222222-2222-4222-8222-222222222222', 'Tienda en Línea 2', 'tienda-2', NULL, 1,
   NULL, '2026-03-01 12:00:00.123456', '2026-03-01 12:00:00.123456');

INSERT INTO agents (id, pod_name, status, capabilities, last_heartbeat, tasks_completed, created_at, updated_at) VALUES
  ('33333333-3333-4333-8333-333333333333', 'agent-0', 'busy', '["python"]', '2026-03-04 08:00:00.5', 7,
   '2026-03-01 09:00:00.000001', '2026-03-04 08:00:00.500000');

INSERT INTO tasks (id, project_id, title, description, priority, state, assigned_agent_id, assigned_at, branch_name,
                   created_at, updated_at, started_at) VALUES
  ('44444444-4444-4444-8444-444444444444', '11111111-1111-4111-8111-111111111111', 'Añadir el carrito 🛒',
   'Con IVA.', 'urgent', 'backlog', NULL, NULL, NULL,
   '2026-03-03 10:00:00.000001', '2026-03-03 10:00:00.000002', NULL),
  ('55555555-5555-4555-8555-555555555555', '11111111-1111-4111-8111-111111111111', 'Pagos', NULL, 'low', 'in_progress',
   '33333333-3333-4333-8333-333333333333', '2026-03-04 07:00:00', 'task-55555555-pagos',
   '2026-03-02 10:00:00.654321', '2026-03-04 07:00:00.000000', '2026-03-04 07:00:00.000000');

UPDATE agents SET current_task_id = '55555555-5555-4555-8555-555555555555', updated_at = updated_at;

INSERT INTO task_questions (id, task_id, question, asked_at) VALUES
  ('66666666-6666-4666-8666-666666666666', '55555555-5555-4555-8555-555555555555', '¿Qué pasarela?',
   '2026-03-04 07:30:00.000001');

INSERT INTO task_groups (id, project_id, task_ids, status, created_by, created_at, updated_at) VALUES
  ('77777777-7777-4777-8777-777777777777', '11111111-1111-4111-8111-111111111111', '[]', 'rolled_back', 'ana',
   '2026-03-04 09:00:00.000001', '2026-03-04 09:00:00.000001');

INSERT INTO deployments (id, project_id, task_group_id, environment, status, created_at) VALUES
  ('88888888-8888-4888-8888-888888888888', '11111111-1111-4111-8111-111111111111',
   '77777777-7777-4777-8777-777777777777', 'staging', 'rolled_back', '2026-03-04 09:01:00.000001');

INSERT INTO agent_logs (agent_id, task_id, level, message, created_at) VALUES
  ('33333333-3333-4333-8333-333333333333', '55555555-5555-4555-8555-555555555555', 'warn', 'Tests fallan',
   '2026-03-04 07:45:00.000001'),
  ('33333333-3333-4333-8333-333333333333', NULL, 'info', 'Listo', '2026-05-04 07:45:00.000001');
