/**
 * A scenario: calls of functions of the hypervisor, and what must come of each before the payloads are applied,
 * while they are, and after they were reverted. Plain data, read from JSON (scenario-file.ts; docs in
 * docs/scenarios.md).
 */

/** What is passed to a function: a number, or the address of something. */
export type Argument =
  | bigint
  /** The address of a symbol of the hypervisor, plus so many bytes. */
  | { readonly symbol: string; readonly plus: bigint }
  /** The address of one of the scenario's blocks of memory, plus so many bytes. */
  | { readonly memory: string; readonly plus: bigint }
  /** The address of a text that ends with a zero byte. */
  | { readonly text: string };

/** A block of memory that is there for a call, zeroed and then filled. */
export interface MemoryBlock {
  readonly bytes: Uint8Array;
  /** Size in bytes; at least that of `bytes`. */
  readonly size: number;
  /** Where it must lie; anywhere in the heap of the hypervisor unless given. */
  readonly at: bigint | undefined;
}

/** How a returned value is to be read: psABI, 3.2.3. `int`: the low 32 bits, signed. */
export type ReturnType = 'int' | 'long' | 'bool' | 'text' | 'void';

/** What must be seen. What is not there is not looked at. */
export interface Expectation {
  readonly returns?: bigint | boolean | string;
  /** Lines of the console, in this order; others may stand between. `/…/` is a regular expression. */
  readonly console?: readonly string[];
  /** No line may match one of these. */
  readonly consoleNot?: readonly string[];
  /** Faults that found their fixup. */
  readonly faults?: number;
  readonly warnings?: number;
  /** The call must kill the host, for a reason that contains this. */
  readonly dies?: string;
  /** Bytes of blocks afterwards, from their start. */
  readonly memory?: Readonly<Record<string, Uint8Array>>;
}

export const PHASES = ['before', 'applied', 'reverted'] as const;
export type Phase = (typeof PHASES)[number];

export interface ScenarioCall {
  readonly title: string;
  /** A symbol of the hypervisor, as Xen's table has it (`file.c#name` for a local one). */
  readonly function: string;
  readonly arguments: readonly Argument[];
  readonly type: ReturnType;
  readonly memory: Readonly<Record<string, MemoryBlock>>;
  /** Writes of the call stay for the next ones of the same phase; otherwise each begins from the same state. */
  readonly keeps: boolean;
  readonly cpu: number;
  /** Instructions after which it counts as one that never returns. */
  readonly limit: number;
  readonly expect: Readonly<Partial<Record<Phase, Expectation>>>;
}

/** What a CPU does when an action asks all of them to meet. */
export interface CpuActivity {
  readonly cpu: number;
  readonly doing: 'idle' | 'guest' | 'busy' | 'inside';
  /** How long until it can take part, and until its interrupts are off. Nanoseconds. */
  readonly arrivesAfter: number;
  readonly interruptsOffAfter: number;
  /** Functions on its stack, innermost first, as symbols, with a distance or without. */
  readonly stack: readonly string[];
}

/** A meeting of the CPUs that is asked for with the top payload, and what must come of it. */
export interface Rendezvous {
  readonly title: string;
  readonly cpus: readonly CpuActivity[];
  readonly action: 'apply' | 'revert';
  /** Nanoseconds; 0 stands for Xen's 30 ms. */
  readonly timeout: number;
  readonly expect: {
    readonly errno: string;
    readonly console?: readonly string[];
    /** How often the CPUs were called together. */
    readonly attempts?: number;
  };
}

export interface Scenario {
  readonly title: string;
  readonly cpus: number;
  /** Features of the processor by the hypervisor's numbers (word * 32 + bit), beside those of the plain machine. */
  readonly features: readonly number[];
  /** Model-specific registers by number: what they hold, or undefined for one that there is not (#GP). */
  readonly msrs: ReadonlyMap<number, bigint | undefined>;
  readonly memory: Readonly<Record<string, MemoryBlock>>;
  readonly calls: readonly ScenarioCall[];
  readonly rendezvous: readonly Rendezvous[];
}
