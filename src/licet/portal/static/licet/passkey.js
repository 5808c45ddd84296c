// Says on the page when a passkey did not work; allauth's own scripts only tell the console.
(() => {
  const words = document.currentScript.dataset.failed
  document.addEventListener('allauth.error', () => {
    let notice = document.getElementById('passkey-failed')
    if (!notice) {
      notice = Object.assign(document.createElement('p'), { id: 'passkey-failed', className: 'notice bad' })
      notice.setAttribute('role', 'alert')
      document.getElementById('content').prepend(notice)
    }
    notice.textContent = ''
    requestAnimationFrame(() => { notice.textContent = words })
  })
})()
