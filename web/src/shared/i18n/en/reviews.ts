export const reviews = {
  head: 'A result to be looked at',
  waits: 'This result waits for you',
  short: {
    completeness: 'complete to {{score}}, at least {{least}} wanted',
    confidence: 'sure to {{score}}, at least {{least}} wanted',
  },
  untold: {
    completeness: 'not said how complete, at least {{least}} wanted',
    confidence: 'not said how sure, at least {{least}} wanted',
  },
  result: 'Result',
  masked: 'Fields shown as ••• are hidden from you, so you cannot correct this result.',
  resultHint: 'What is wrong can be corrected here before it is accepted.',
  comment: 'Comment',
  accept: 'Accept',
  acceptCorrected: 'Accept as corrected',
  retry: 'Have it tried again',
  refuse: 'Refuse',
  toRobot: 'Look at the robot',
  was: {
    accept: 'The result is accepted',
    corrected: 'The result is accepted as you corrected it',
    refuse: 'The result is refused; the robot has failed',
    retry: 'The robot will be tried again',
  },
} as const;
