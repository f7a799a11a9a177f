import type { en } from './en';

type TextsOf<Tree> = { [Name in keyof Tree]: Tree[Name] extends string ? string : TextsOf<Tree[Name]> };

/** Every text of the page; each language has all of them. */
export type Words = TextsOf<typeof en>;
