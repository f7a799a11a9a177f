import { Check, Copy } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from '@/shared/i18n/translation';
import { copyText } from '@/shared/clipboard';
import { IconButton } from './IconButton';

/** A command, or a few lines of a program, to take away. */
export function CopyLine(props: { text: string }) {
  const { t } = useTranslation();
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    if (!(await copyText(props.text))) return;
    setCopied(true);
    setTimeout(() => setCopied(false), 1_500);
  };
  return (
    <div className="flex items-start gap-1 rounded-control border border-line bg-canvas py-1 pr-1 pl-3 text-left">
      <code className="min-w-0 grow py-1 font-mono text-small [overflow-wrap:anywhere] whitespace-pre-wrap">
        {/* A line ends between words, not within an option like `--count`. */}
        {props.text.split(/(\s+)/).map((part, place) =>
          place % 2 === 1 ? (
            part
          ) : (
            <span key={place} className="inline-block max-w-full">
              {part}
            </span>
          ),
        )}
      </code>
      <IconButton label={copied ? t('common.copied') : t('common.copy')} onClick={copy}>
        {copied ? <Check className="size-3.5 text-approved" /> : <Copy className="size-3.5" />}
      </IconButton>
    </div>
  );
}
