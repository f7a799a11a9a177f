import { useMutation } from '@tanstack/react-query';
import { useTranslation } from '@/shared/i18n/translation';
import { problemText } from '@/shared/i18n/problemText';
import { notify } from './notices';

interface Action<Input, Output> {
  act: (input: Input) => Promise<Output>;
  /** Brings what is shown up to date at once; the live line will say the same a little later. */
  after?: (output: Output, input: Input) => void;
  /** What to tell the person when it is done. */
  said?: (output: Output, input: Input) => string;
  /** Whether the answer is that it did not work. */
  failed?: (output: Output) => boolean;
  /** Whether a refusal is told where the input was given. */
  toldThere?: (error: Error, input: Input) => boolean;
}

/** Something that a person does: done once at a time, and told, whether it worked or not. */
export function useAction<Input, Output>(action: Action<Input, Output>) {
  const { t } = useTranslation();
  return useMutation<Output, Error, Input>({
    mutationFn: action.act,
    onSuccess: (output, input) => {
      action.after?.(output, input);
      const said = action.said?.(output, input);
      if (said) notify(action.failed?.(output) ? 'failed' : 'done', said);
    },
    onError: (error, input) => {
      if (!action.toldThere?.(error, input)) notify('failed', problemText(error, t));
    },
  });
}
