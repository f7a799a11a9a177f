import type { components } from './schema';

type Schemas = components['schemas'];

export type Agent = Schemas['Agent'];
export type AgentStatus = Schemas['AgentStatus'];
export type Attempt = Schemas['Attempt'];
export type DeniedTool = Schemas['DeniedTool'];
export type Deployment = Schemas['Deployment'];
export type Environment = Schemas['Environment'];
export type FileChange = Schemas['FileChange'];
export type Group = Schemas['Group'];
export type GroupStatus = Schemas['GroupStatus'];
export type Me = Schemas['Me'];
export type NewProject = Schemas['NewProject'];
export type NewTask = Schemas['NewTask'];
export type Project = Schemas['Project'];
export type Question = Schemas['Question'];
export type RolloutStep = Schemas['RolloutStep'];
export type SignIn = Schemas['SignIn'];
export type Task = Schemas['Task'];
export type TaskChanges = Schemas['TaskChanges'];
export type TaskDiff = Schemas['TaskDiff'];
export type TaskPriority = Schemas['TaskPriority'];
export type TaskState = Schemas['TaskState'];
export type TimelineEntry = Schemas['TimelineEntry'];
