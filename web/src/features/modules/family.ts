import type { Module } from '@/shared/api/types';

/** What all versions of a module are called: `ocr` of `ocr@2.0`. */
export function familyOf(moduleName: string): string {
  return moduleName.split('@', 1)[0] ?? moduleName;
}

/** The versions of a module, this one among them, by name. */
export function versionsOf(modules: readonly Module[], moduleName: string): Module[] {
  return modules.filter((one) => familyOf(one.moduleName) === familyOf(moduleName));
}

/** Who else does each of its types, by type. */
export function peersOf(modules: readonly Module[], { moduleName, supportedRobotTypes }: Module) {
  return supportedRobotTypes.map((type) => ({
    type,
    others: modules.filter(
      (one) => one.moduleName !== moduleName && one.isActive && one.supportedRobotTypes.includes(type),
    ),
  }));
}
