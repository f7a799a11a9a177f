import type { Words } from '@/shared/i18n/words';

export const agents: Words['agents'] = {
  title: 'Agentes',
  name: 'Agente',
  status: 'Estado',
  task: 'Trabaja en',
  heartbeat: 'Latido',
  capabilities: 'Sabe hacer',
  completed: 'Terminadas',
  success: 'Éxito',
  successText: 'De lo que entregó o en lo que falló en los últimos 30 días',
  cost: 'Coste de hoy',
  costText: 'De los intentos que terminaron hoy (UTC) o siguen en marcha',
  nothing: 'nada',
  restarts_one: '{{count}} reinicio',
  restarts_other: '{{count}} reinicios',
  state: {
    idle: 'libre',
    busy: 'ocupado',
    error: 'error',
    offline: 'desconectado',
    initializing: 'arrancando',
  },
};
