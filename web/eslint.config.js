import js from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import jsxA11y from 'eslint-plugin-jsx-a11y';
import reactHooks from 'eslint-plugin-react-hooks';
import globals from 'globals';
import tseslint from 'typescript-eslint';

/** Higher folders may import lower ones, never the other way: app > pages > features > shared. */
function mayNotImport(folders, message) {
  const group = folders.flatMap((folder) => [`@/${folder}`, `@/${folder}/**`]);
  const dynamic = folders.map((folder) => ({
    selector: `ImportExpression[source.value=/^@.${folder}/]`,
    message,
  }));
  return {
    'no-restricted-imports': ['error', { patterns: [{ group, message }, leavesItsFolder] }],
    'no-restricted-syntax': ['error', ...dynamic],
  };
}

const leavesItsFolder = {
  regex: '^\\.\\./',
  message: 'Outside its own folder a file is named from the root: @/…',
};

export default defineConfig(
  globalIgnores(['node_modules', 'coverage', 'src/shared/api/schema.d.ts']),
  js.configs.recommended,
  tseslint.configs.strictTypeChecked,
  tseslint.configs.stylisticTypeChecked,
  jsxA11y.flatConfigs.strict,
  reactHooks.configs.flat['recommended-latest'],
  {
    languageOptions: {
      globals: globals.browser,
      parserOptions: {
        projectService: { allowDefaultProject: ['eslint.config.js', 'public/theme.js'] },
        tsconfigRootDir: import.meta.dirname,
      },
    },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      eqeqeq: 'error',
      'no-console': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { attributes: false } }],
      // The router's `redirect` and `notFound` are thrown by design.
      '@typescript-eslint/only-throw-error': [
        'error',
        { allow: [{ from: 'package', package: '@tanstack/router-core', name: 'Redirect' }] },
      ],
    },
  },
  {
    files: ['src/pages/**'],
    rules: mayNotImport(['app'], 'A page knows features and shared.'),
  },
  {
    files: ['src/features/**'],
    rules: mayNotImport(
      ['app', 'pages', 'features'],
      'A feature knows only shared; pages put features together.',
    ),
  },
  {
    files: ['src/shared/**'],
    rules: mayNotImport(['app', 'pages', 'features'], 'What is shared knows none of those who use it.'),
  },
  { files: ['**/*.js'], extends: [tseslint.configs.disableTypeChecked] },
);
