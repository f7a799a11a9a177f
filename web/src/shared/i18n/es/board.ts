import type { Words } from '@/shared/i18n/words';

export const board: Words['board'] = {
  title: 'Tablero',
  newTask: 'Tarea nueva',
  addTo: 'Escribir una tarea',
  emptyColumn: 'Nada por aquí',
  noMatch: 'No hay ninguna tarea así.',
  fold: 'Plegar «{{name}}»',
  unfold: 'Desplegar «{{name}}»',
  tooMany: 'Se muestran las primeras {{count}} tareas. Elige un proyecto para ver menos.',
  tooManyHere: 'Se muestran las primeras {{count}} tareas de este proyecto.',
  columns: 'Columnas',
  lanes: {
    label: 'Calles',
    none: 'Ninguna',
    project: 'Por proyecto',
    agent: 'Por agente',
    nobody: 'Sin agente',
  },
  question_one: 'pregunta',
  question_other: '{{count}} preguntas',
  preview: 'vista previa',
  previewFailed: 'falló la vista previa',
  release: 'entrega {{number}}',
  progress: 'Progreso',
  stuck: 'te necesita',
  checksFailed: 'en rojo',
  byHand: 'a mano',
  limit: 'Como mucho {{limit}} a la vez',
  limitReached: 'Como mucho {{limit}} a la vez: no se toma nada más hasta que acabe una',
  select: 'Seleccionar {{key}}',
  unselect: 'Quitar {{key}} de la selección',
  menuOf: 'Qué se puede hacer con {{key}}',
  moveTo: 'Mover a…',
  selected_one: '{{count}} seleccionada',
  selected_other: '{{count}} seleccionadas',
  approveSome: 'Aprobar {{count}}',
  shipSome: 'Entregar {{count}} juntas',
  cancelSome: 'Cancelar {{count}}',
  clearSelection: 'Vaciar la selección',
  drop: {
    start: 'tomarla tú',
    submit: 'presentarla',
    stop: 'detener el intento',
    approve: 'aprobar su commit',
    requestChanges: 'pedir cambios',
    cancel: 'cancelarla',
    reopen: 'reabrirla',
    ship: 'entregarla',
    promote: 'promover su entrega',
    rollback: 'revertir su entrega',
  },
  refusal: {
    denied: 'Tu clave no lo permite.',
    underWay: 'Su entrega está en marcha: retírala antes.',
    onlyBacklog: 'Solo se puede tomar lo que está pendiente.',
    byQuestion: 'La trae aquí una pregunta de su agente.',
    byAnswer: 'La devuelve aquí una respuesta.',
    byWork: 'La trae aquí su agente cuando termina.',
    onlyReady: 'Solo se aprueba lo que está por revisar.',
    noCommit: 'No hay ningún commit que aprobar.',
    onlyApproved: 'Solo se entrega lo aprobado.',
    onlyStaging: 'Solo se promueve lo que está en staging.',
    rollBackFirst: 'Revierte antes su entrega.',
    shipped: 'Lo entregado se revierte, no se cancela.',
    reopenFirst: 'Reábrela antes: así vuelve a estar pendiente.',
  },
};

export const filter: Words['filter'] = {
  title: 'Filtrar',
  any: 'Cualquiera',
  clear: 'Ver todas las tareas',
  remove: 'Quitar el filtro «{{text}}»',
  waiting: { label: 'Espera', person: 'A una persona', reason: 'Otra cosa' },
};

export const move: Words['move'] = {
  stop: {
    title: '¿Detener el intento de {{key}}?',
    text: '{{key}} vuelve a estar pendiente y conserva su rama.',
    do: 'Detener el intento',
  },
  cancel: {
    title_one: '¿Cancelar {{key}}?',
    title_other: '¿Cancelar {{count}} tareas?',
    text_one:
      'Si hay un intento en marcha se detiene, y la vista previa se retira. Podrás reabrir {{keys}} más tarde.',
    text_other:
      'Los intentos en marcha se detienen y las vistas previas se retiran: {{keys}}. Podrás reabrirlas más tarde.',
    do: 'Cancelar',
  },
  ship: {
    title_one: '¿Entregar {{key}} en staging?',
    title_other: '¿Entregar {{count}} tareas juntas en staging?',
    text_one: '{{keys}} forma una entrega propia y se despliega en staging.',
    text_other: '{{keys}} forman una sola entrega: o llegan todas a staging o no llega ninguna.',
    do: 'Entregar en staging',
  },
  promote: {
    title: '¿Promover la entrega {{number}} a producción?',
    text: 'La entrega completa de {{key}} pasa a la rama principal y se despliega en producción.',
    do: 'Promover a producción',
  },
  rollback: {
    title: '¿Revertir la entrega {{number}}?',
    text: 'Vuelve a funcionar lo que había antes, y todas las tareas de la entrega quedan aprobadas otra vez, {{key}} entre ellas.',
    do: 'Revertir',
  },
};

export const empty: Words['empty'] = {
  noProject: 'Trae un repositorio',
  noProjectText:
    'Un proyecto es un repositorio git en cuyas tareas trabajan los agentes. Su historia se queda donde está.',
  noTask: 'Escribe la primera tarea',
  noTaskText: 'Di qué debería cambiar, como se lo dirías a un compañero. Un agente se encarga del resto.',
  import: 'Trae las tareas que ya tienes',
  importText:
    'Las incidencias abiertas del repositorio en Gitea pasan a ser tareas y siguen enlazadas. Con un archivo detrás, la misma orden toma filas de CSV o JSON.',
  connect: 'Conecta un agente',
  connectText: 'Cualquier programa que hable MCP puede tomar tareas. Con Claude Code basta una orden:',
  inbox: 'Nada te espera',
  inboxText:
    'Las preguntas de los agentes aparecen aquí en cuanto se hacen, y también el trabajo listo para revisar.',
  agents: 'Todavía no hay agentes',
  agentsText: 'Ejecuta una de estas órdenes: quien se conecte tomará la siguiente tarea y aparecerá aquí.',
  approved: 'Ninguna tarea aprobada',
  approvedText: 'Las tareas que apruebas esperan aquí para entregarse juntas.',
};

export const add: Words['add'] = {
  title: 'Título',
  titleHint: '¿Qué debería cambiar?',
  project: 'Proyecto',
  description: 'Descripción',
  descriptionHint: 'Lo que sabes: cómo es hoy, cómo debería ser, dónde mirar.',
  submit: 'Añadir tarea',
  added: 'Se añadió {{key}}',
};

export const project: Words['project'] = {
  create: 'Proyecto nuevo',
  name: 'Nombre',
  repo: 'Repositorio',
  repoHint: 'Una carpeta en la máquina del servidor o una URL. Si lo dejas vacío, se crea un repositorio.',
  key: 'Nombre corto',
  keyHint:
    'Con él empiezan las claves de sus tareas, como SHOP en SHOP-12. Si lo dejas vacío, sale del nombre.',
  submit: 'Crear proyecto',
  paused: 'en pausa',
  archived: 'archivado',
  pausedHint: '{{name}} está en pausa: lo que está en marcha termina, no se toma nada nuevo.',
};
