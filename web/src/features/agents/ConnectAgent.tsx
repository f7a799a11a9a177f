import { useTranslation } from '@/shared/i18n/translation';
import { CopyLine } from '@/shared/ui/CopyLine';
import { Section, SectionRow } from '@/shared/ui/Section';

/** Ready-made commands that make a program take tasks of this server. */
export function ConnectAgent({ server }: { server: string }) {
  const { t } = useTranslation();
  const key = '$(aiworker key create --name claude --scope agent)';
  const headers = { Authorization: 'Bearer KEY' };
  const servers = { mcpServers: { aiworker: { type: 'http', url: `${server}/mcp`, headers } } };
  const ways = [
    {
      name: 'claude',
      command: `claude mcp add --transport http aiworker ${server}/mcp --header "Authorization: Bearer ${key}"`,
    },
    { name: 'runner', command: `AIWORKER_URL=${server} AIWORKER_TOKEN=${key} aiworker agent --count 1` },
    { name: 'mcp', command: JSON.stringify(servers) },
  ] as const;
  return (
    <Section title={t('agent.connect')} text={t('agent.connectText')}>
      {ways.map(({ name, command }) => (
        <SectionRow key={name} label={t(`agent.${name}`)} hint={t(`agent.${name}Text`)}>
          <CopyLine text={command} />
        </SectionRow>
      ))}
    </Section>
  );
}
