// Unicode's marks for words of another language in a sentence. They are not seen, so the text is good anywhere.
const FROM = '\u2068';
const TO = '\u2069';

/** Words that are not ours, for a sentence that they stand in. */
export function quote(words: string): string {
  return `${FROM}${words.trim()}${TO}`;
}

/** A sentence in parts: what is ours at even places, and what was quoted at odd ones. */
export function partsOf(sentence: string): string[] {
  return sentence.split(/[\u2068\u2069]/);
}

/** Whether others' words stand in it. */
export function isQuoting(sentence: string): boolean {
  return sentence.includes(FROM);
}
