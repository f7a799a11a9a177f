import type { Execution } from '@/shared/api/types';

export type FigureName = 'cpu' | 'memory' | 'disk' | 'network' | 'throughput' | 'calls';

/** What a try used: as it was told last, and the most that it was. */
export interface Figure {
  name: FigureName;
  value: number;
  peak: number | null;
}

/** The figures of a try that its worker told. */
export function figuresOf(
  execution: Pick<
    Execution,
    | 'cpuUsagePercent'
    | 'memoryUsageMb'
    | 'diskIoMb'
    | 'networkIoMb'
    | 'throughputItemsPerSec'
    | 'externalApiCalls'
    | 'resourcePeakUsage'
  >,
): Figure[] {
  const peaks = execution.resourcePeakUsage ?? {};
  const told: [FigureName, number | null, unknown][] = [
    ['cpu', execution.cpuUsagePercent, peaks['max_cpu']],
    ['memory', execution.memoryUsageMb, peaks['max_memory']],
    ['disk', execution.diskIoMb, null],
    ['network', execution.networkIoMb, null],
    ['throughput', execution.throughputItemsPerSec, null],
    ['calls', execution.externalApiCalls > 0 ? execution.externalApiCalls : null, null],
  ];
  return told.flatMap(([name, value, peak]) =>
    value === null ? [] : [{ name, value, peak: typeof peak === 'number' && peak > value ? peak : null }],
  );
}

/** How a try ended for reasons that its state does not tell: its result waits for a person, or its worker was lost. */
export function endOf({ outcome }: Pick<Execution, 'outcome'>): 'held' | 'lost' | null {
  if (outcome === 'review') return 'held';
  return outcome === 'lost' ? 'lost' : null;
}
