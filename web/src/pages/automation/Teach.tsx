import { useTranslation } from '@/shared/i18n/translation';
import { CopyLine } from '@/shared/ui/CopyLine';

const MODULE = `from aiworker.sdk import Module

module = Module("greeter")

@module.handler("greet.person")
def greet(person: dict) -> dict:
    return {"text": f"Hello {person['name']}"}

module.run()`;
const SUBMIT = `aiworker robot submit greet.person --input '{"name": "Ada"}' --wait`;

/** How a module comes to be: a program of a few lines, a key for it, and a first robot. */
export function Teach() {
  const { t } = useTranslation();
  const key = '$(aiworker key create --name greeter --scope module --module greeter)';
  const run = `AIWORKER_URL=${location.origin} AIWORKER_TOKEN=${key} python greeter.py`;
  return (
    <ol className="mt-4 flex flex-col gap-3 text-left">
      <Step text={t('automation.teach.module')} code={MODULE} />
      <Step text={t('automation.teach.run')} code={run} />
      <Step text={t('automation.teach.submit')} code={SUBMIT} />
    </ol>
  );
}

function Step({ text, code }: { text: string; code: string }) {
  return (
    <li className="flex flex-col gap-1.5">
      <p>{text}</p>
      <CopyLine text={code} />
    </li>
  );
}
