import type { Words } from '@/shared/i18n/words';

export const nav: Words['nav'] = {
  label: 'Principal',
  board: 'Tablero',
  inbox: 'Bandeja',
  agents: 'Agentes',
  ship: 'Entregas',
  automation: 'Autom.',
  reports: 'Informes',
  settings: 'Ajustes',
  more: 'Más',
  skip: 'Ir al contenido',
};

export const top: Words['top'] = {
  project: 'Proyecto',
  allProjects: 'Todos los proyectos',
  newProject: 'Proyecto nuevo…',
  search: 'Buscar tareas',
  account: 'Cuenta y ajustes',
  waiting_one: '{{count}} te espera',
  waiting_other: '{{count}} te esperan',
  theme: 'Tema',
  themeSystem: 'Como el sistema',
  themeLight: 'Claro',
  themeDark: 'Oscuro',
  toLight: 'Ver en claro',
  toDark: 'Ver en oscuro',
  language: 'Idioma',
  signOut: 'Cerrar sesión',
};

export const live: Words['live'] = {
  connecting: 'conectando',
  live: 'en vivo',
  lost: 'reconectando, datos de las {{time}}',
  lostShort: 'de las {{time}}',
};

export const state: Words['state'] = {
  backlog: 'Pendiente',
  in_progress: 'En curso',
  needs_input: 'Espera respuesta',
  ready_to_test: 'Por revisar',
  approved: 'Aprobada',
  staging: 'Staging',
  production: 'Producción',
  cancelled: 'Cancelada',
  shipped: 'Entregada',
};

export const priority: Words['priority'] = {
  label: 'Prioridad',
  urgent: 'Urgente',
  high: 'Alta',
  medium: 'Media',
  low: 'Baja',
};

export const common: Words['common'] = {
  cancel: 'Cancelar',
  close: 'Cerrar',
  save: 'Guardar',
  retry: 'Reintentar',
  copy: 'Copiar',
  copied: 'Copiado',
  loading: 'Cargando',
  optional: 'opcional',
  undo: 'Deshacer',
  never: 'nunca',
};

export const palette: Words['palette'] = {
  title: 'Ir a o hacer',
  hint: 'La clave o el título de una tarea, una página, un proyecto…',
  nothing: 'Nada se llama así.',
  page: 'página',
  action: 'acción',
  project: 'proyecto',
  task: 'tarea',
};

export const keys: Words['keys'] = {
  title: 'Teclas',
  palette: 'Ir a cualquier sitio o hacer cualquier cosa',
  search: 'Buscar tareas',
  newTask: 'Tarea nueva',
  move: 'Abajo y arriba en una lista',
  sideways: 'A la columna de al lado',
  open: 'Abrir',
  close: 'Cerrar',
  select: 'Seleccionar la tarjeta',
  menu: 'Mover la tarjeta',
  board: 'Ir al tablero',
  inbox: 'Ir a la bandeja',
  agents: 'Ir a los agentes',
  ship: 'Ir a las entregas',
  send: 'Enviar lo escrito',
  help: 'Estas teclas',
};

export const signIn: Words['signIn'] = {
  title: 'Entrar',
  byLink: 'Entrando…',
  linkFailed: 'Este enlace ya no sirve.',
  linkFailedText:
    'Un enlace de entrada sirve una sola vez. En la máquina del servidor, «aiworker key create --name yo --scope admin» crea una clave para pegar aquí.',
  key: 'Clave de API',
  keyHint: 'Abre el enlace que mostró «aiworker up», o pega una clave.',
  submit: 'Entrar',
};

export const problem: Words['problem'] = {
  title: 'No ha funcionado',
  load: 'No se ha podido cargar',
  unreachable: 'El servidor no responde. No se ha perdido nada; inténtalo dentro de un momento.',
  denied: 'Tu clave no permite esto.',
  permission_missing: 'Tu clave no permite esto. Pídeselo a alguien con más permisos.',
  unauthenticated: 'La sesión se ha cerrado. Vuelve a entrar.',
  limited: 'Demasiado a la vez. Espera un momento y vuelve a intentarlo.',
  too_large: 'Es más texto del que se puede aceptar.',
  unexpected_answer: 'El servidor ha respondido de una forma que esta página no entiende.',
  crashed: 'Esta página ha tropezado.',
  crashedText: 'Tus datos están a salvo en el servidor. Cargarla de nuevo suele bastar.',
  reload: 'Cargar de nuevo',
  notFound: 'En esta dirección no hay nada.',
  noProject: 'No hay ningún proyecto {{project}}.',
  toBoard: 'Al tablero',
};
