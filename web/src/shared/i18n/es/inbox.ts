import type { Words } from '@/shared/i18n/words';

export const inbox: Words['inbox'] = {
  title: 'Bandeja',
  kind: {
    review: 'por revisar',
    failed: 'falló y te espera',
    rollout: 'falló el despliegue',
    upstream: 'de dónde viene el código',
    module: 'un módulo está mal',
    result: 'un resultado por revisar',
    late: 'seguramente llegará tarde',
  },
  back: 'Todo lo que espera',
  changes: 'Ver los cambios',
  rolloutText: 'El despliegue falló. Sus pasos dicen dónde.',
  moduleText: 'No ha respondido tres veces seguidas.',
  moduleMeans:
    'No recibe robots hasta que vuelva a responder; los que lo esperaban pasan a otros que sepan hacerlos.',
  toModule: 'Ver el módulo',
  upstream: 'De donde viene el código',
  willApprove: '{{key}} se aprueba en {{commit}}',
  willRetry: '{{key}} se reintentará',
  willAnswer: 'Tu respuesta va al agente de {{key}}',
  willSkip: 'El agente seguirá sin respuesta',
  tooLate: 'Ya está hecho. En la tarea pone qué se puede hacer.',
  news: {
    question: '{{key}} tiene una pregunta',
    review: '{{key}} está por revisar',
    failed: '{{key}} ha fallado y te espera',
    rollout: 'Ha fallado un despliegue de {{key}}',
    upstream: '{{key}}: problema con el origen del código',
    module: 'El módulo {{key}} está mal',
    result: 'El resultado de un robot te espera: {{key}}',
    late: 'Hay robots de {{key}} que seguramente llegarán tarde',
  },
};
