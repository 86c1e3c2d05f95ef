import {
  flexRender,
  getCoreRowModel,
  useReactTable,
  type ColumnDef,
  type OnChangeFn,
  type RowSelectionState,
  type SortingState,
  type VisibilityState,
} from '@tanstack/react-table'
import { ArrowDown, ArrowUp } from 'lucide-react'
import type { ReactNode } from 'react'
import { cx } from '../lib/cx.js'

export interface Column<T> {
  id: string
  header: string
  cell: (row: T) => ReactNode
  align?: 'right'
  /** Shown from a tablet's width on. */
  wide?: boolean
  /** The server can sort by it. */
  sortable?: boolean
}

export interface DataTableProps<T> {
  label: string
  columns: readonly Column<T>[]
  rows: T[]
  rowId: (row: T) => string
  /** What is shown is of the question before. */
  stale?: boolean
  sorting?: SortingState
  onSortingChange?: OnChangeFn<SortingState>
  visibility?: VisibilityState
  selection?: RowSelectionState
  onSelectionChange?: OnChangeFn<RowSelectionState>
  /** What a row is called to who cannot see its checkbox stand beside it. */
  rowName?: (row: T) => string
}

/** A table whose order, pages and filters are the server's. */
export function DataTable<T>({
  label,
  columns,
  rows,
  rowId,
  stale,
  sorting,
  onSortingChange,
  visibility,
  selection,
  onSelectionChange,
  rowName,
}: DataTableProps<T>) {
  const definitions: ColumnDef<T>[] = columns.map((column) => ({
    id: column.id,
    header: column.header === '' ? () => <span className="sr-only">Actions</span> : column.header,
    enableSorting: column.sortable ?? false,
    // Names from A on, times from the latest on: who presses a header first expects that.
    sortDescFirst: column.id.endsWith('_at'),
    accessorFn: (row) => row,
    cell: ({ row }) => column.cell(row.original),
    meta: column,
  }))
  const table = useReactTable({
    data: rows,
    columns: definitions,
    getRowId: rowId,
    getCoreRowModel: getCoreRowModel(),
    manualSorting: true,
    manualPagination: true,
    state: { sorting: sorting ?? [], columnVisibility: visibility ?? {}, rowSelection: selection ?? {} },
    ...(onSortingChange && { onSortingChange }),
    ...(onSelectionChange && { onRowSelectionChange: onSelectionChange }),
  })
  const selectable = onSelectionChange !== undefined
  const shapeOf = (meta: unknown) => {
    const { align, wide } = meta as Column<T>
    return cx(align === 'right' && 'text-right', wide && 'hidden md:table-cell')
  }
  return (
    <div className={cx('overflow-x-auto transition-opacity', stale && 'opacity-60')} aria-busy={stale}>
      <table className="w-full border-collapse text-sm" aria-label={label}>
        <thead>
          {table.getHeaderGroups().map((group) => (
            <tr key={group.id} className="border-b border-line text-left text-xs text-faint">
              {selectable && (
                <th className="w-10 pl-4">
                  <input
                    type="checkbox"
                    aria-label="Select all on this page"
                    className="block size-4 accent-accent-solid"
                    checked={table.getIsAllRowsSelected()}
                    ref={(box) => {
                      if (box) box.indeterminate = table.getIsSomeRowsSelected()
                    }}
                    onChange={table.getToggleAllRowsSelectedHandler()}
                  />
                </th>
              )}
              {group.headers.map(({ id, column, getContext }) => {
                const sorted = column.getIsSorted()
                const text = flexRender(column.columnDef.header, getContext())
                return (
                  <th
                    key={id}
                    scope="col"
                    aria-sort={sorted === 'asc' ? 'ascending' : sorted === 'desc' ? 'descending' : undefined}
                    className={cx('px-4 py-2 font-medium whitespace-nowrap', shapeOf(column.columnDef.meta))}
                  >
                    {column.getCanSort() ? (
                      <button
                        type="button"
                        className="inline-flex items-center gap-1 hover:text-ink"
                        onClick={column.getToggleSortingHandler()}
                      >
                        {text}
                        {sorted === 'asc' && <ArrowUp className="size-3" />}
                        {sorted === 'desc' && <ArrowDown className="size-3" />}
                      </button>
                    ) : (
                      text
                    )}
                  </th>
                )
              })}
            </tr>
          ))}
        </thead>
        <tbody className="divide-y divide-line">
          {table.getRowModel().rows.map((row) => (
            <tr key={row.id} className={cx('group hover:bg-hover/60', row.getIsSelected() && 'bg-accent-soft/60')}>
              {selectable && (
                <td className="w-10 pl-4">
                  <input
                    type="checkbox"
                    aria-label={`Select ${rowName?.(row.original) ?? row.id}`}
                    className="block size-4 accent-accent-solid"
                    checked={row.getIsSelected()}
                    onChange={row.getToggleSelectedHandler()}
                  />
                </td>
              )}
              {row.getVisibleCells().map((cell, i) => (
                <td
                  key={cell.id}
                  // The first column has what the others leave, and cuts its text off.
                  className={cx('px-4 py-2 align-middle', i === 0 ? 'w-full max-w-0' : 'max-w-64', shapeOf(cell.column.columnDef.meta))}
                >
                  {flexRender(cell.column.columnDef.cell, cell.getContext())}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
