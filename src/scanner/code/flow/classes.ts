/** The classes of a project: what they are made of, and where a method or field of theirs is written. */
import type { ClassIr, Expression, Field, FunctionIr, Module } from '../parse/ir.ts'
import type { Declaration, Program } from '../project/program.ts'
import type { ClassRef } from './value.ts'

export class Classes {
  private readonly program: Program
  private readonly lineages = new Map<ClassIr, readonly ClassRef[]>()

  constructor(program: Program) {
    this.program = program
  }

  /** `ofClass`: called on the class rather than on an instance, which may have a method of the same name. */
  findMethod(
    ref: ClassRef,
    name: string,
    { after, ofClass = false }: { after?: ClassIr | undefined; ofClass?: boolean } = {},
  ): { fn: FunctionIr; module: Module } | undefined {
    const found = this.methodsNamed(ref, name, after)
    return found.find(({ fn }) => (fn.isStatic === true) === ofClass) ?? found[0]
  }

  /** Nearest first: the class's own, then those of its bases in their order. */
  methodsNamed(ref: ClassRef, name: string, after?: ClassIr): readonly { fn: FunctionIr; module: Module }[] {
    const all = this.lineage(ref)
    const from = after === undefined ? 0 : all.findIndex(({ cls }) => cls === after) + 1
    return all
      .slice(from)
      .flatMap(({ cls, module }) => cls.methods.filter((method) => method.name === name).map((fn) => ({ fn, module })))
  }

  findField(
    ref: ClassRef,
    name: string,
  ): (Pick<Field, 'value' | 'annotation' | 'decorators'> & { module: Module }) | undefined {
    for (const { cls, module } of this.lineage(ref)) {
      const own = cls.fields.find((field) => field.name === name)
      if (own !== undefined) return { ...own, module }
    }
    return undefined
  }

  /** A class and its bases within the project, in the order in which a method is looked for. */
  lineage(ref: ClassRef): readonly ClassRef[] {
    const known = this.lineages.get(ref.cls)
    if (known !== undefined) return known
    const found: ClassRef[] = []
    const visit = (one: ClassRef): void => {
      if (found.length > 24 || found.some(({ cls }) => cls === one.cls)) return
      found.push(one)
      for (const base of one.cls.bases) {
        const next = this.baseOf(base, one.module)
        if (next !== undefined) visit(next)
      }
    }
    visit(ref)
    this.lineages.set(ref.cls, found)
    return found
  }

  private baseOf(base: Expression, module: Module): ClassRef | undefined {
    if (base.kind === 'class') return { cls: base.cls, module }
    if (base.kind === 'index') return this.baseOf(base.object, module)
    const declaration =
      base.kind === 'name'
        ? this.program.declaration(module, base.name)
        : base.kind === 'member' && base.object.kind === 'name'
          ? this.memberOf(this.program.declaration(module, base.object.name), base.property)
          : undefined
    return declaration?.kind === 'class' ? { cls: declaration.cls, module: declaration.module } : undefined
  }

  private memberOf(owner: Declaration | undefined, property: string): Declaration | undefined {
    return owner?.kind === 'module' ? this.program.exported(owner.module, property) : undefined
  }
}
