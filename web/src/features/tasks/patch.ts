export interface PatchLine {
  kind: 'hunk' | 'same' | 'added' | 'removed' | 'note';
  text: string;
  before: number | null;
  after: number | null;
}

const HUNK = /^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@/;

/** The lines of a unified patch of one file, with their numbers in both versions. Headers before the first hunk go. */
export function patchLines(patch: string): PatchLine[] {
  const lines: PatchLine[] = [];
  let before = 0;
  let after = 0;
  let inHunk = false;
  for (const line of patch.replace(/\n$/, '').split('\n')) {
    const hunk = HUNK.exec(line);
    if (hunk) {
      before = Number(hunk[1]);
      after = Number(hunk[2]);
      inHunk = true;
      lines.push({ kind: 'hunk', text: line, before: null, after: null });
    } else if (inHunk) {
      const text = line.slice(1);
      if (line.startsWith('+')) lines.push({ kind: 'added', text, before: null, after: after++ });
      else if (line.startsWith('-')) lines.push({ kind: 'removed', text, before: before++, after: null });
      else if (line.startsWith('\\'))
        lines.push({ kind: 'note', text: text.trim(), before: null, after: null });
      else lines.push({ kind: 'same', text, before: before++, after: after++ });
    }
  }
  return lines;
}

/** One row of the split view: what was at the left, what is at the right; a hunk's head and notes stand at both. */
export interface SplitRow {
  left: PatchLine | null;
  right: PatchLine | null;
}

/** Lines side by side: removed ones beside those that took their place. */
export function splitRows(lines: readonly PatchLine[]): SplitRow[] {
  const rows: SplitRow[] = [];
  let removed: PatchLine[] = [];
  let added: PatchLine[] = [];
  const flush = () => {
    for (let index = 0; index < Math.max(removed.length, added.length); index += 1) {
      rows.push({ left: removed[index] ?? null, right: added[index] ?? null });
    }
    removed = [];
    added = [];
  };
  for (const line of lines) {
    if (line.kind === 'removed') {
      if (added.length > 0) flush();
      removed.push(line);
    } else if (line.kind === 'added') added.push(line);
    else {
      flush();
      rows.push({ left: line, right: line });
    }
  }
  flush();
  return rows;
}
