/** The operation table: which operation an instruction belongs to. */
import type { Instruction } from '../instruction.js';
import { ARITHMETIC } from './arithmetic.js';
import { BITS } from './bits.js';
import { CONTROL } from './control.js';
import { EXCHANGE } from './exchange.js';
import { FLAG_OPERATIONS } from './flag-operations.js';
import { MULTIPLY } from './multiply.js';
import type { Operation } from './operation.js';
import { SHIFTS } from './shifts.js';
import { STRINGS } from './strings.js';
import { SYSTEM } from './system.js';
import { VECTORS } from './vectors.js';

export const OPERATIONS: readonly Operation[] = [
  ...ARITHMETIC,
  ...EXCHANGE,
  ...SHIFTS,
  ...MULTIPLY,
  ...BITS,
  ...CONTROL,
  ...STRINGS,
  ...FLAG_OPERATIONS,
  ...VECTORS,
  ...SYSTEM,
];

const byMnemonic = new Map<string, Operation[]>();
for (const operation of OPERATIONS)
  for (const mnemonic of operation.mnemonics)
    byMnemonic.set(mnemonic, [...(byMnemonic.get(mnemonic) ?? []), operation]);

/** The operation of a mnemonic and a form, as iced names them; undefined when the table has none. */
export function operationOf({
  mnemonic,
  form,
}: Pick<Instruction, 'mnemonic' | 'form'>): Operation | undefined {
  return byMnemonic.get(mnemonic)?.find(({ forms }) => forms === undefined || forms.test(form));
}
