export const reviews = {
  head: 'A result to be looked at',
  waits: 'This result waits for you',
  scores: '{{complete}} complete, {{sure}} sure',
  result: 'Result',
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
