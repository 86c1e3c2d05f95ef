{{- define "portico.labels" -}}
app.kubernetes.io/name: portico
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{- define "portico.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ default .Chart.AppVersion .Values.image.tag }}
{{- end -}}
{{- end }}

{{- define "portico.podSecurity" -}}
runAsNonRoot: true
runAsUser: 1000
runAsGroup: 1000
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{- define "portico.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: ["ALL"]
{{- end }}

{{- define "portico.env" -}}
- name: PORTICO_ENV
  value: production
- name: CONTROL_PLANE_PUBLIC_URL
  value: {{ required "publicUrl.controlPlane is needed" .Values.publicUrl.controlPlane | quote }}
- name: DATA_PLANE_PUBLIC_URL
  value: {{ required "publicUrl.dataPlane is needed" .Values.publicUrl.dataPlane | quote }}
{{- range $name, $value := .Values.env }}
- name: {{ $name }}
  value: {{ $value | quote }}
{{- end }}
{{- range $key := list "PORTICO_MASTER_KEY" "DATABASE_URL" }}
- name: {{ $key }}
  valueFrom:
    secretKeyRef:
      name: {{ $.Values.secretName }}
      key: {{ $key }}
{{- end }}
{{- range $key := list "DATABASE_DIRECT_URL" "DATABASE_REPLICA_URL" "REDIS_URL" "PORTICO_MASTER_KEY_PREVIOUS" "RESEND_API_KEY" "RESEND_WEBHOOK_SECRET" "SMTP_PASSWORD" "PORTICO_BOOTSTRAP_API_KEY" "PORTICO_TLS_ASK_SECRET" "PORTICO_CONSOLE_TOKEN" "PORTICO_CONSOLE_OIDC_CLIENT_SECRET" }}
- name: {{ $key }}
  valueFrom:
    secretKeyRef:
      name: {{ $.Values.secretName }}
      key: {{ $key }}
      optional: true
{{- end }}
{{- end }}
