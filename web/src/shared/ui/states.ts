import {
  CircleCheck,
  CircleDashed,
  CircleDot,
  CircleX,
  Eye,
  Layers,
  type LucideIcon,
  MessageCircleQuestionMark,
  Rocket,
} from 'lucide-react';
import type { TaskState } from '@/shared/api/types';

/** A state looks the same everywhere: its picture and its colour. The word always stands with them. */
export const STATE_LOOKS: Record<TaskState, { icon: LucideIcon; color: string }> = {
  backlog: { icon: CircleDashed, color: 'text-backlog' },
  in_progress: { icon: CircleDot, color: 'text-progress' },
  needs_input: { icon: MessageCircleQuestionMark, color: 'text-input' },
  ready_to_test: { icon: Eye, color: 'text-ready' },
  approved: { icon: CircleCheck, color: 'text-approved' },
  staging: { icon: Layers, color: 'text-staging' },
  production: { icon: Rocket, color: 'text-production' },
  cancelled: { icon: CircleX, color: 'text-cancelled' },
};
