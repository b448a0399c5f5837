/** The frame of an application: a header with what is always there, and a place for the rest. */
import './product.css'
import type { ReactNode } from 'react'

/** An application named Northwind; `end` stands at the end of its header. */
export function Application({ end, notice, children }: { readonly end: ReactNode; readonly notice?: ReactNode; readonly children: ReactNode }): ReactNode {
  return (
    <div className="p-app">
      <header className="p-header">
        <span className="p-logo">Northwind</span>
        <nav className="p-nav" aria-label="Sections"><span aria-current="page">Markets</span><span>Orders</span><span>Reports</span></nav>
        <div className="p-end">{end}<span className="p-avatar" aria-hidden="true">AL</span></div>
      </header>
      {notice}
      {children}
    </div>
  )
}
