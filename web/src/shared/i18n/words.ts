import type * as first from './en/first';
import type * as rest from './en/rest';

type TextsOf<Tree> = { [Name in keyof Tree]: Tree[Name] extends string ? string : TextsOf<Tree[Name]> };

export type FirstWords = TextsOf<typeof first>;
export type OtherWords = TextsOf<typeof rest>;

/** Every text of the page; each language has all of them. */
export type Words = FirstWords & OtherWords;
