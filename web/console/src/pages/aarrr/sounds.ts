/** Which events sound like a stage, by their names or labels. */
import type { StageKey } from '@/lib/report/aarrr'

export const SOUNDS: Record<StageKey, RegExp> = {
  acquisition: /注册|建档|关注|添加|created|sign.?up|install|follow/i,
  activation: /首次|认证|激活|完善|activat|onboard|first/i,
  retention: /访问|浏览|打开|登录|view|open|visit/i,
  revenue: /支付|付款|下单|购买|paid|purchase|order/i,
  referral: /邀请|分享|推荐|裂变|invite|share|refer/i,
}
