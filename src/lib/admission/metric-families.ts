/** Counters, gauges and histograms in Prometheus text (0.0.4). Pure. */

export interface Family {
  /** Lines, each with its line feed; those about it also where there is no value yet. */
  text(): string
}

type Labels = Readonly<Record<string, string>>

interface Counter extends Family {
  add(labels?: Labels): void
}

interface Gauge extends Family {
  /** @param value undefined: there is none now */
  set(value: number | undefined, labels?: Labels): void
}

interface Histogram extends Family {
  observe(value: number): void
}

export function counter(name: string, help: string): Counter {
  const values = new Map<string, number>()
  return {
    add(labels = {}) {
      const key = labelText(labels)
      values.set(key, (values.get(key) ?? 0) + 1)
    },
    text: () => heading(name, help, 'counter') + lines(name, values),
  }
}

export function gauge(name: string, help: string): Gauge {
  const values = new Map<string, number>()
  return {
    set(value, labels = {}) {
      if (value === undefined) values.delete(labelText(labels))
      else values.set(labelText(labels), value)
    },
    text: () => heading(name, help, 'gauge') + lines(name, values),
  }
}

/** @param bounds upper ones, ascending; that of infinity comes by itself */
export function histogram(name: string, help: string, bounds: readonly number[]): Histogram {
  const buckets = new Map(bounds.map((bound) => [bound, 0]))
  let count = 0
  let sum = 0
  return {
    observe(value) {
      for (const bound of bounds) if (value <= bound) buckets.set(bound, (buckets.get(bound) ?? 0) + 1)
      count += 1
      sum += value
    },
    text() {
      const below = [...buckets, ['+Inf', count] as const].map(([bound, within]) => [labelText({le: String(bound)}), within] as const)
      return `${heading(name, help, 'histogram')}${lines(`${name}_bucket`, below)}${name}_sum ${sum}\n${name}_count ${count}\n`
    },
  }
}

function heading(name: string, help: string, type: string): string {
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`
}

function lines(name: string, values: Iterable<readonly [string, number]>): string {
  return Array.from(values, ([labels, value]) => `${name}${labels} ${value}\n`).join('')
}

function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).map(
    ([name, value]) => `${name}="${value.replaceAll(/[\\"\n]/g, (letter) => (letter === '\n' ? '\\n' : `\\${letter}`))}"`,
  )
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}
