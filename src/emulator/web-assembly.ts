/**
 * WebAssembly as the host has it, as far as it is used here. It is a global of Node whose types come with the DOM,
 * which is not here. Source: WebAssembly JavaScript Interface, sections 5.1 to 5.6.
 */

export interface WasmMemory {
  readonly buffer: ArrayBuffer;
}

export type WasmFunction = (entry: number) => number;

export interface WasmTable {
  set(index: number, value: WasmFunction | null): void;
}

/** Modules are only handed on. */
export type WasmModule = Readonly<Record<symbol, string>>;

interface WasmInstance {
  readonly exports: Readonly<Record<string, WasmFunction>>;
}

declare const WebAssembly: {
  readonly Memory: new (limits: { initial: number; maximum: number }) => WasmMemory;
  readonly Table: new (kind: { element: 'anyfunc'; initial: number }) => WasmTable;
  readonly Module: new (bytes: Uint8Array) => WasmModule;
  readonly Instance: new (
    module: WasmModule,
    imports: Readonly<Record<string, Readonly<Record<string, WasmMemory | WasmTable>>>>,
  ) => WasmInstance;
};

export function makeMemory(pages: number): WasmMemory {
  return new WebAssembly.Memory({ initial: pages, maximum: pages });
}

export function makeTable(initial: number): WasmTable {
  return new WebAssembly.Table({ element: 'anyfunc', initial });
}

/** Compiles a module and gives its function `run`. */
export function compileRun(bytes: Uint8Array, memory: WasmMemory, table: WasmTable): WasmFunction {
  const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), { host: { memory, table } });
  return instance.exports['run'];
}
