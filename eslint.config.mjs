// Syntax up to ECMAScript 2020 and no interface newer than the browsers in package.json ("browserslist").
import js from "@eslint/js";
import compat from "eslint-plugin-compat";
import globals from "globals";

export default [
  {
    files: ["src/jianzai/**/static/**/*.js"],
    ignores: ["**/*.min.js"],
    ...js.configs.recommended,
    languageOptions: { ecmaVersion: 2020, sourceType: "module", globals: globals.browser },
    plugins: { compat },
    rules: {
      ...js.configs.recommended.rules,
      "compat/compat": "error",
      "no-unused-vars": ["error", { caughtErrors: "none" }],
      "prefer-const": "error",
      eqeqeq: "error",
      "no-restricted-properties": [
        "error",
        ...["at", "replaceAll", "findLast", "toSorted", "toReversed"].map((property) => ({
          property,
          message: "newer than iOS Safari 14 or Chrome 80",
        })),
      ],
      "no-restricted-globals": ["error", "structuredClone", "WeakRef", "AggregateError"],
    },
  },
];
