/** A reporter: what a ticket needs to know of a build, as Markdown beside the payload. */
import { defineReporter } from 'xsplice-build/config';

export default defineReporter({
  name: 'summary',
  report({ payload, objects, validation, diagnostics }) {
    const errors = diagnostics.filter(({ severity }) => severity === 'error');
    const lines =
      payload === null
        ? ['# No payload', '', ...errors.map(({ code, message }) => `- ${code}: ${message}`)]
        : [
            `# Live patch of ${String(payload.size)} bytes`,
            '',
            `Build-id ${payload.build_id}, on top of ${payload.depends}.`,
            '',
            '| function | bytes before | now |',
            '|---|--:|--:|',
            ...payload.functions.map((f) => `| ${f.name} | ${String(f.old_size)} | ${String(f.new_size)} |`),
            '',
            `Objects that changed: ${objects.map(({ object }) => object).join(', ')}.`,
            validation === null ? 'It was not proven.' : `Proven by the rules of ${validation.profile}.`,
          ];
    return { name: 'summary.md', text: `${lines.join('\n')}\n` };
  },
});
